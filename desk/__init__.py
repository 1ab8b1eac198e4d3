"""The desk: the counsellors' web application. Reads and writes rows; never speaks to a platform or to Rasa."""
