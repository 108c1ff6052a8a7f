"""Training of Lacuna's two models: an autoregressive verifier and a masked-diffusion diffuser."""
