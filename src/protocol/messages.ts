import { NotificationType, NotificationType0, RequestType, RequestType0 } from "vscode-jsonrpc";
import type { ErrorDetail } from "./errors.js";
import type { SuggestionBars } from "./suggestionBars.js";

/** What the engine says of itself in answer to `initialize`. */
export interface EngineIdentity {
  /** See `buildId`. */
  readonly build: string;
  readonly engineVersion: string;
  readonly runtimeVersion: string;
  readonly pid: number;
}

/** How a model's weights are stored; "mixed": each tensor as its source had it. */
export type WeightFormat = "fp32" | "int8" | "int4" | "mixed";

/** One loaded model. */
export interface LoadedModel {
  readonly name: string;
  readonly role: "verifier" | "diffuser" | "reader";
  readonly weights: WeightFormat;
  readonly parameters: number;
  readonly contextTokens: number;
  /** Of a verifier to which they were fitted. */
  readonly suggestionBars?: SuggestionBars | undefined;
  /** Of a verifier: whether definitions of names about the cursor help it; undefined: not known. */
  readonly usesDefinitions?: boolean | undefined;
  readonly device: Device;
  /** Why that device, in a line. */
  readonly deviceReason: string;
}

/** What can be asked of the models that are loaded. */
export interface Abilities {
  /** Ways to fill a hole; without a diffuser the verifier's own. */
  readonly infill: readonly InfillMethod[];
  /** Whether a diffuser drafts; look-ups draft in any case. */
  readonly diffusionDrafts: boolean;
}

/** Forward passes of one request, counted where they are made, the reading of the prompt included; those of a reader are the diffuser's. */
export interface Passes {
  readonly verifier: number;
  readonly diffuser: number;
}

/** Outcome of one start-up self-test; `ok: false` means the engine took the slower way named in `detail`. */
export interface SelfTest {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Where forward passes run: the processor, or an execution provider of the runtime. */
export type Device = "cpu" | "webgpu" | "cuda" | "dml" | "coreml";

export interface LoadParams {
  /** Folder that holds manifest.json. */
  readonly modelsDir: string;
  /** Threads for one forward pass; 0 lets the engine choose. */
  readonly threads: number;
  /** Default "auto": an accelerator where one works, is right and is faster, else the processor. */
  readonly device?: Device | "auto" | undefined;
  /** Folder where measurements of this machine are kept from one start to the next; default: they are not kept. */
  readonly stateDir?: string | undefined;
}

export interface LoadResult {
  readonly models: readonly LoadedModel[];
  readonly can: Abilities;
  readonly threads: number;
  readonly selfTests: readonly SelfTest[];
  readonly loadMs: number;
  readonly residentBytes: number;
}

/** A piece of another file of the workspace. */
export interface RelatedText {
  /** From the workspace's folder, with forward slashes. */
  readonly path: string;
  /** Whole lines. */
  readonly text: string;
}

/** Text around the hole. The sender keeps both short: see `documentSlice`. */
export interface HoleParams {
  readonly prefix: string;
  readonly suffix: string;
  /** Names the document, in whatever way: memory is kept for several. Default: not known. */
  readonly document?: string | undefined;
  /** The document's language, as editors name it; default: not known. */
  readonly languageId?: string | undefined;
  /** The name of the document's file, without its folders; default: not known. It is read where the document says nothing yet. */
  readonly fileName?: string | undefined;
  /** Read before the prefix where the window around the hole leaves room, the last first; default none. */
  readonly related?: readonly RelatedText[] | undefined;
  /** Chosen by the sender; `streamed` notifications carry it back. */
  readonly requestId: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  /** Most lines of the text; default: any number. Nothing is written behind them. */
  readonly maxLines?: number | undefined;
  /** Whether only the model's own end ends the text: for benchmarks. Default false: it also ends where its block does. */
  readonly isUncut?: boolean | undefined;
}

/**
 * How the length of a middle is found. `auto`: scored lengths, filled side by side, judged by the verifier. `lr`: LR-DLLM.
 * `cal`: CAL. `dreamon`: slots that split or go, with a reader only go, from `length` masks. `block`: block after block until the end is said.
 * `fixed`: exactly `length` tokens. `ar`: the verifier's own middle, as far as it ends it.
 */
export type InfillMethod = "auto" | "lr" | "cal" | "dreamon" | "block" | "fixed" | "ar";

export interface InfillParams extends HoleParams {
  readonly method: InfillMethod;
  /** Slots that `fixed` fills and `dreamon` starts with; default 16. The others find their own. */
  readonly length?: number | undefined;
  /** Fewest tokens of the middle; default 1. With `maxTokens` this asks for a longer or shorter one. */
  readonly minTokens?: number | undefined;
  /** `auto` answers with what it has after so many milliseconds; default: takes its time. */
  readonly deadlineMs?: number | undefined;
  /** Whether `canvas` notifications are wanted; default false. */
  readonly wantsCanvas?: boolean;
}

/** A length the search looked at, with its length-normalised score (higher is better). */
export interface LengthCandidate {
  readonly length: number;
  readonly score: number;
}

/** Another complete middle. */
export interface Alternative {
  readonly text: string;
  readonly tokens: number;
  /** Mean log-probability of its tokens and its end by the verifier, in nats a token, at most 0; undefined where it was not judged. */
  readonly confidence: number | undefined;
}

export interface InfillResult {
  readonly outcome: "done" | "cancelled";
  /** The middle, with the line ends of the document. */
  readonly middle: string;
  readonly tokens: number;
  readonly passes: Passes;
  readonly ms: number;
  readonly length: {
    readonly initial: number;
    readonly final: number;
    readonly candidates: readonly LengthCandidate[];
  };
  /** Other complete middles that were found on the way, best first. */
  readonly alternatives: readonly Alternative[];
  readonly method: InfillMethod;
  readonly model: string;
  readonly device: string;
}

export interface CompleteParams extends HoleParams {
  /**
   * `ar`: one-token passes, the plain baseline. `arPadded`: the same text rule computed with padded passes, the
   * reference that `deer` must equal. `deer`: draft by diffusion, verify by the autoregressive model.
   */
  readonly decoder: "ar" | "arPadded" | "deer";
  /** Draft length in tokens; "auto" takes the fastest on this machine, or 7 when sampling, so that a seed always gives the same text. */
  readonly block: number | "auto";
  /** Where drafts come from: `known` is what the text says already, `diffusion` the diffuser or reader; default: both. */
  readonly drafts?: "known" | "diffusion" | undefined;
}

/** Where the time of writing went, in milliseconds, the reading of the prompt left out. */
export interface Stages {
  /** Making drafts, those that need no model included. */
  readonly draftMs: number;
  /** Forward passes of the verifier. */
  readonly verifyMs: number;
  /** Accepting, sampling, making text of tokens. */
  readonly otherMs: number;
}

export interface CompleteResult {
  readonly outcome: "done" | "cancelled";
  readonly text: string;
  /** Of the tokens of the text, and of its end where the model ended it. */
  readonly likelihoods: readonly TokenLikelihood[];
  readonly tokens: number;
  readonly tokenIds: readonly number[];
  /** Forward passes of the verifier after the prompt. */
  readonly verifies: number;
  readonly drafted: number;
  /** Drafted tokens that the verifier kept. */
  readonly accepted: number;
  /** Tokens that each verify gave: accepted drafts and the one of the verifier's own. */
  readonly blocks: readonly number[];
  /** Tokens that were drafted for each verify. */
  readonly drafts: readonly number[];
  readonly passes: Passes;
  /** Whole request in the engine, prompt included. */
  readonly ms: number;
  readonly stages: Stages;
  /** Time to read the part of the prompt that was not cached. */
  readonly promptMs: number;
  /** Of the generation alone, without reading the prompt. */
  readonly tokensPerSecond: number;
  readonly decoder: string;
  readonly model: string;
  readonly device: string;
}

/** A place where a completion may be asked for next. */
export type ReadAheadParams = Pick<HoleParams, "prefix" | "suffix" | "document" | "languageId" | "fileName" | "related" | "requestId" | "maxTokens">;

export interface ReadAheadResult {
  /** "cancelled" too where another request came: what was read by then stays read. */
  readonly outcome: "done" | "cancelled";
  /** None where the place was cached. */
  readonly passes: Passes;
  readonly ms: number;
}

/**
 * How likely the verifier found a token: where the text ends with it, in UTF-16 units with LF line ends, and the natural logarithm of its
 * probability. The end of a text is a token that adds nothing. What is held back of a text may have its likelihoods before it comes.
 */
export type TokenLikelihood = readonly [end: number, logProb: number];

/** Text that will not be taken back: an accepted block or a committed token. */
export interface StreamedParams {
  readonly requestId: number;
  readonly text: string;
  /** Of a completion: those of the tokens since the last piece. */
  readonly likelihoods?: readonly TokenLikelihood[];
}

/** One place of a canvas. */
export interface CanvasSlotText {
  /** Its token's text; "" while undecided. */
  readonly text: string;
  /** Probability of the token when it was committed, in [0, 1]; 0 while undecided. */
  readonly confidence: number;
}

/** The canvas of an infill after a forward pass. */
export interface CanvasParams {
  readonly requestId: number;
  readonly slots: readonly CanvasSlotText[];
}

export interface DoctorResult {
  /** Those of loading and those of calibrating, which is brought to its end. */
  readonly selfTests: readonly SelfTest[];
  readonly backends: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

export interface PassTimesParams {
  /** Length of the context before the timed tokens. */
  readonly contextTokens: number;
  /** Numbers of tokens in a pass. */
  readonly tokens: readonly number[];
  /** How often each is timed. */
  readonly repeats: number;
}

/** Milliseconds of one forward pass over `tokens` new tokens: each repeat's. */
export interface PassTime {
  readonly tokens: number;
  /** The verifier, in the pass that drafts are verified in; over one token the plain pass, which is not padded. */
  readonly verifyMs: readonly number[];
  /** The diffuser, drafting so many tokens; empty without one. */
  readonly draftMs: readonly number[];
}

/** What the engine's process has used since it started. */
export interface DeviceLost {
  /** As `load` would answer now. */
  readonly models: readonly LoadedModel[];
}

export interface UsageResult {
  /** Processor time of all its threads. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

export interface RetireParams {
  /** Whether it ends also while requests run or wait, which then fail. */
  readonly evenIfBusy: boolean;
}

/** How a served model reads a hole; `auto`: by its name. */
export type ServedFormatName = "auto" | "qwen" | "starcoder" | "deepseek" | "codellama" | "codegemma" | "codestral" | "lacuna" | "infill" | "suffix";

/** The server that a team runs, as a person has set it. */
export interface ConnectParams {
  /** Where its interface begins: what comes before /v1. */
  readonly url: string;
  /** Name of the served model; "" for the first that it names. */
  readonly model: string;
  readonly format: ServedFormatName;
  /** Sent to the server alone; never shown, logged or kept. Default: none. */
  readonly key?: string | undefined;
}

/** What is known of a team's server. */
export interface ServerState {
  /** Whether requests go there; otherwise each fails at once, until the server has answered again. */
  readonly isUp: boolean;
  /** Name and port. */
  readonly host: string;
  /** Name of the model there; undefined until it is known. */
  readonly model?: string | undefined;
  /** How the model reads a hole, once that is known. */
  readonly format?: ServedFormatName | undefined;
  /** Why it is not used: what happened, and what to do. */
  readonly why?: string | undefined;
}

export const initializeRequest = new RequestType<{ readonly build: string }, EngineIdentity, ErrorDetail>("initialize");
export const loadRequest = new RequestType<LoadParams, LoadResult, ErrorDetail>("load");
export const infillRequest = new RequestType<InfillParams, InfillResult, ErrorDetail>("infill");
export const completeRequest = new RequestType<CompleteParams, CompleteResult, ErrorDetail>("complete");
/** Reads what a completion would have to read first; ends before its next pass when another request waits. */
export const readAheadRequest = new RequestType<ReadAheadParams, ReadAheadResult, ErrorDetail>("readAhead");
/** Measures what drafting needs to know of this machine, to the end; answered at once where that is known. */
export const calibrateRequest = new RequestType0<{ readonly selfTests: readonly SelfTest[] }, ErrorDetail>("calibrate");
/** Brings calibration to its end, and tries every backend that the runtime names by really running the models on it. */
export const doctorRequest = new RequestType0<DoctorResult, ErrorDetail>("doctor");
/** Times forward passes of several sizes on made-up tokens. */
export const passTimesRequest = new RequestType<PassTimesParams, { readonly times: readonly PassTime[] }, ErrorDetail>("passTimes");
/** Names a server, and asks it what it serves. One that cannot be reached is no failure: it is tried again, and `serverState` tells. */
export const connectRequest = new RequestType<ConnectParams, ServerState, ErrorDetail>("connect");
export const usageRequest = new RequestType0<UsageResult, ErrorDetail>("usage");
/** Has a shared engine end, for every window that uses it: the next request of each goes to a new one. Answers whether it does. */
export const retireRequest = new RequestType<RetireParams, { readonly ends: boolean }, ErrorDetail>("retire");
export const streamedNotification = new NotificationType<StreamedParams>("streamed");
export const canvasNotification = new NotificationType<CanvasParams>("canvas");
/** The verifier has lost its device, and runs on the processor. */
export const deviceLostNotification = new NotificationType<DeviceLost>("deviceLost");
/** The engine ends at once because a window asked for that, not because of a failure. */
export const retiredNotification = new NotificationType0("retired");
/** From the process that speaks to a team's server, at each change. */
export const serverStateNotification = new NotificationType<ServerState>("serverState");
