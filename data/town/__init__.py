"""How the fictional town is made: hand-drawn skeleton, seeded blocks, buildings, life, and today's faulty grids."""
