import * as bell from "./bell.js";
import * as keys from "./keys.js";
import * as knowledge from "./knowledge.js";
import * as live from "./live.js";
import * as pane from "./pane.js";
import * as reply from "./reply.js";

pane.start();
bell.start();
keys.start();
reply.start();
live.start();
knowledge.start();
