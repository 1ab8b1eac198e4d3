"""The Rasa project: training data and the graph components that Vietnamese needs."""
