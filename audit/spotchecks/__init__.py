"""Spot checks that anyone can repeat (OGP-10): the frame, the draw, and how sure a result makes one."""
