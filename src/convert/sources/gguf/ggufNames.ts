/** GGUF's names of tensors, and Hugging Face's; `blk.N.` stands for `model.layers.N.`. */
const IN_LAYER: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  attn_q_norm: "self_attn.q_norm",
  attn_k_norm: "self_attn.k_norm",
  ffn_norm: "post_attention_layernorm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};
const OUTSIDE: Readonly<Record<string, string>> = {
  token_embd: "model.embed_tokens",
  output_norm: "model.norm",
  output: "lm_head",
};

/** Hugging Face's name of a tensor of a GGUF file; one that it does not know stays as it is. */
export function huggingFaceName(name: string): string {
  const [, layer, module, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (module === undefined) return name;
  const names = layer === undefined ? OUTSIDE : IN_LAYER;
  if (!Object.hasOwn(names, module)) return name;
  return `${layer === undefined ? "" : `model.layers.${layer}.`}${names[module]}.${kind}`;
}
