"""What a national operator needs: measured costs, a model of them, and a simulation that checks the model."""
