"""What a scan means: qr knows codes, this knows where they lead, who scans them and what is printed."""
