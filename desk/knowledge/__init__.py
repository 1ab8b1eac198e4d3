"""The editors' pages: entries of the knowledge base listed, written, reviewed, compared, withdrawn; questions nothing answered."""
