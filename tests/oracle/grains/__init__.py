"""What units there are and what is true of them, as docs and the design of the grains say it."""
