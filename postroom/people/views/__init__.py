"""Pages on people, offices and the rota."""
