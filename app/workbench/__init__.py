"""The dataset, policy and plans a workbench is opened on, and who may change what."""
