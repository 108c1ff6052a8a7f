/** Libraries of NVIDIA that the CUDA provider loads, and what has them; the number after `.so.` is their version there. */
const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/^libcuda\.so/, "NVIDIA's driver has it"],
  [/^libcudart\.so/, "the CUDA runtime has it, which comes with the CUDA Toolkit"],
  [/^libcublas(Lt)?\.so/, "cuBLAS has it, which comes with the CUDA Toolkit"],
  [/^libcurand\.so/, "cuRAND has it, which comes with the CUDA Toolkit"],
  [/^libcufft\.so/, "cuFFT has it, which comes with the CUDA Toolkit"],
  [/^libnvrtc\.so/, "NVRTC has it, which comes with the CUDA Toolkit"],
  [/^libcudnn\w*\.so/, "cuDNN has it, which NVIDIA gives apart from the CUDA Toolkit"],
];

/** Why the runtime could not load the library of a provider. */
export interface LoaderFailure {
  /** In words: what the loader said, and what has the library that it missed. */
  readonly why: string;
  /** Name of the library that the loader did not find. */
  readonly missing?: string;
}

/** What the loader said of a provider's library, in the output of a process that tried it; undefined where it said nothing. */
export function loaderFailure(output: string): LoaderFailure | undefined {
  const [, said] = /Failed to load library \S+ with error: (.+)/.exec(output) ?? [];
  if (said === undefined) return undefined;
  const [, missing] = /^([^\s:/]+\.so[\d.]*): cannot open shared object file/.exec(said) ?? [];
  if (missing === undefined) return { why: said.trim() };
  const [, has] = PRODUCTS.find(([name]) => name.test(missing)) ?? [];
  return { why: `${missing} is not found${has === undefined ? "" : `; ${has}`}`, missing };
}
