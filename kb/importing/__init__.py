"""Files that editors bring: lists of places and swim classes (XLSX, CSV), documents (PDF, DOCX, text).

A file is first read and checked, row by row, and nothing is written but the report. Then it is loaded in one
transaction: all of it, or all its right rows where the editor says so, or nothing. A repeat changes nothing, and a load
can be undone. Places and classes are told at once; what comes from a document is a draft and is never published here.

read (`tables`, `documents`) → headings (`columns`) → rows (`services`, `swim`) → report, load, undo (`batches`)
"""
