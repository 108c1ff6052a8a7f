import type { Device, ServedFormatName } from "../protocol/messages.js";

interface SettingOf<T> {
  readonly default: T;
  readonly description: string;
  /** What a number counts; shown in the description. */
  readonly unit?: string;
  readonly range?: readonly [least: number, most: number];
  /** Allowed words, each with what it means. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Whether a change needs a new engine process. */
  readonly restartsEngine?: boolean;
  /** A path or an address, which a person sets for this machine, and no folder. */
  readonly isRestricted?: boolean;
}

const setting = <T>(entry: SettingOf<T>): SettingOf<T> => entry;

/** Every setting of the extension, by its key below `lacuna.`; package.json says the same. */
export const SETTINGS = {
  enabled: setting<boolean>({ default: true, description: "Show inline suggestions." }),
  languages: setting<Readonly<Record<string, boolean>>>({
    default: { "*": true },
    description: "Language identifiers for which suggestions are on or off; `*` stands for all others.",
  }),
  trigger: setting<"automatic" | "manual">({
    default: "automatic",
    description: "When suggestions appear. Choose manual to use Lacuna beside another provider of inline suggestions.",
    choices: { automatic: "While typing.", manual: "Only when you run Trigger Suggestion." },
  }),
  "suggestions.appear": setting<"often" | "balanced" | "sure">({
    default: "balanced",
    description: "How sure the model must be of a suggestion for it to appear by itself. One that you ask for appears in any case.",
    choices: {
      often: "At every place where the model writes something.",
      balanced: "Where the first line is about as likely right as wrong, or likelier.",
      sure: "Only where the first line is most likely right.",
    },
  }),
  maxTokens: setting<number>({ default: 64, unit: "tokens", range: [8, 256], description: "Maximum length of a suggestion or a fill." }),
  "context.otherFiles": setting<boolean>({
    default: true,
    description:
      "Include pieces of other files of the workspace where the text around the cursor leaves room: those recently edited or opened, " +
      "and definitions of the names at the cursor.",
  }),
  pauseOnBattery: setting<boolean>({ default: false, description: "Show no automatic suggestions while the machine is on battery." }),
  measureBaseline: setting<boolean>({
    default: true,
    description: "Now and then, while nothing is typed, decode a prompt again with and without drafts, to measure the speed-up that is shown.",
  }),
  modelsPath: setting<string>({
    default: "",
    description:
      "Folder with a manifest.json and models to use instead of those that come with the extension; *Lacuna: Models* writes it. " +
      "Leave empty to use those. It may begin with `~`, `${userHome}`, `${workspaceFolder}` or `${env:NAME}`; a relative path begins at " +
      "the workspace's folder, where that is trusted.",
    restartsEngine: true,
    isRestricted: true,
  }),
  "fill.modelsPath": setting<string>({
    default: "",
    description:
      "Folder of a model of its own for *Fill in the Middle*, such as one that is too slow for typing; *Lacuna: Models* writes it. It is " +
      "loaded beside the other one, at the first fill, where there is memory for both. Leave empty to have one model for everything.",
    isRestricted: true,
  }),
  "server.url": setting<string>({
    default: "",
    description:
      "Address of a server of your team that writes the texts instead of the models of this machine, such as `https://HOST` or " +
      "`http://localhost:8000`: vLLM, llama.cpp, or another one with the interface `/v1/completions`. **The text around the cursor and " +
      "pieces of other files are sent there.** Leave empty to send nothing anywhere. Used in trusted workspaces only; while the server is " +
      "away, the models of this machine write. *Lacuna: Set Server Key* sets the key that it may want.",
    isRestricted: true,
  }),
  "server.model": setting<string>({
    default: "",
    description: "Name of the model on the server of `#lacuna.server.url#`; leave empty for the first that it names.",
    isRestricted: true,
  }),
  "server.format": setting<ServedFormatName>({
    default: "auto",
    description: "How the model on the server reads a hole.",
    choices: {
      auto: "By the model's name; a llama.cpp server knows it itself.",
      qwen: "As Qwen2.5-Coder and Qwen3-Coder.",
      starcoder: "As StarCoder2 and Granite Code.",
      deepseek: "As DeepSeek-Coder.",
      codellama: "As Code Llama.",
      codegemma: "As CodeGemma.",
      codestral: "As Codestral.",
      lacuna: "As the models of this project.",
      infill: "The server lays it out, behind `/infill`, as llama.cpp does.",
      suffix: "The server lays it out, from the field `suffix` of `/v1/completions`.",
    },
    isRestricted: true,
  }),
  "engine.device": setting<Device | "auto">({
    default: "auto",
    description: "Where the models run.",
    choices: {
      auto: "On the processor; from the next start on an accelerator, once one was found to give the right numbers and to be faster.",
      cpu: "On the processor.",
      webgpu: "On the graphics processor, through WebGPU.",
      cuda: "On an NVIDIA graphics processor.",
      dml: "On a graphics processor under Windows, through DirectML.",
      coreml: "On a Mac's accelerators, through Core ML.",
    },
    restartsEngine: true,
  }),
  "engine.threads": setting<number>({
    default: 0,
    unit: "threads",
    range: [0, 64],
    description: "Threads for one forward pass; 0 lets the engine choose.",
    restartsEngine: true,
  }),
  "engine.memoryLimitMB": setting<number>({
    default: 1500,
    unit: "MB",
    range: [200, 65536],
    description: "The engine is restarted when it holds more memory than this.",
  }),
  "engine.idleMinutes": setting<number>({
    default: 15,
    unit: "minutes",
    range: [0, 1440],
    description: "The engine is unloaded after this long without a request; 0 keeps it loaded.",
  }),
} as const;

export type SettingKey = keyof typeof SETTINGS;
export type SettingValue<K extends SettingKey> = (typeof SETTINGS)[K] extends SettingOf<infer T> ? T : never;

/** What package.json must say under `contributes.configuration.properties`. */
export function manifestProperties(): Record<string, { readonly scope: string }> {
  return Object.fromEntries(
    Object.entries<SettingOf<unknown>>(SETTINGS).map(([key, { default: value, description, unit, range, choices, isRestricted }]) => [
      `lacuna.${key}`,
      {
        type: typeof value === "number" ? "integer" : typeof value,
        default: value,
        markdownDescription: unit === undefined ? description : `${description} (${unit})`,
        ...(range && { minimum: range[0], maximum: range[1] }),
        ...(choices && { enum: Object.keys(choices), enumDescriptions: Object.values(choices) }),
        ...(key === "languages" && { additionalProperties: { type: "boolean" } }),
        scope: isRestricted === true ? "machine" : key.startsWith("engine.") ? "machine-overridable" : "window",
      },
    ]),
  );
}
