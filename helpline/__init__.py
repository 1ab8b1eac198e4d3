"""What must not be lost: messages, conversations, cases, and the line between sender and counsellor."""
