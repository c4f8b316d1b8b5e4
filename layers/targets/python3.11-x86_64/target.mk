# Read by the layer and function makefiles: template.yaml sets this folder as their working directory.
RUNTIME := python3.11
ARCHITECTURE := x86_64
