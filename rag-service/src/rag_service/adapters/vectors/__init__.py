"""Where vectors are kept: in files of this process, or on a Qdrant server; both find and order alike."""
