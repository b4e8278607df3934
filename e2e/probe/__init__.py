"""What watches from inside the cluster: every member's /status, calls through the Service, and apps over HTTP.

Prints one JSON object a line on stdout; decides nothing. Whoever reads it judges.
"""
