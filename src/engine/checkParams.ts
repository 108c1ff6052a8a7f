import { LacunaError } from "../protocol/errors.js";
import type {
  CompleteParams,
  Device,
  HoleParams,
  InfillMethod,
  InfillParams,
  LoadParams,
  PassTimesParams,
  ReadAheadParams,
  RelatedText,
  RetireParams,
} from "../protocol/messages.js";

/** Longest request in tokens. */
export const MAX_TOKENS = 1024;

const MAX_CONTEXT_TOKENS = 32_768;

const DEVICES: readonly (Device | "auto")[] = ["auto", "cpu", "webgpu", "cuda", "dml", "coreml"];
const METHODS: readonly InfillMethod[] = ["auto", "lr", "cal", "dreamon", "block", "fixed", "ar"];

/** @throws LacunaError `badRequest` naming the first field that is wrong */
export function checkLoadParams(params: LoadParams): void {
  demand(isObject(params), "list of parameters");
  demand(typeof params.modelsDir === "string" && params.modelsDir !== "", "modelsDir");
  demand(isInteger(params.threads, 0, 256), "threads");
  demand(params.stateDir === undefined || typeof params.stateDir === "string", "stateDir");
  demand(params.device === undefined || DEVICES.includes(params.device), "device");
}

/** @throws LacunaError `badRequest` naming the first field that is wrong */
export function checkInfillParams(params: InfillParams): void {
  checkHoleParams(params);
  demand(METHODS.includes(params.method), "method");
  demand(params.length === undefined || isInteger(params.length, 1, MAX_TOKENS), "length");
  demand(params.minTokens === undefined || isInteger(params.minTokens, 1, params.maxTokens), "minTokens");
  demand(params.deadlineMs === undefined || isNumber(params.deadlineMs, 0, Number.MAX_SAFE_INTEGER), "deadlineMs");
  demand(params.wantsCanvas === undefined || typeof params.wantsCanvas === "boolean", "wantsCanvas");
}

/** @throws LacunaError `badRequest` naming the first field that is wrong */
export function checkCompleteParams(params: CompleteParams): void {
  checkHoleParams(params);
  demand(["ar", "arPadded", "deer"].includes(params.decoder), "decoder");
  demand(params.block === "auto" || isInteger(params.block, 1, 64), "block");
  demand(params.drafts === undefined || ["known", "diffusion"].includes(params.drafts), "drafts");
}

/** @throws LacunaError `badRequest` naming the first field that is wrong */
export function checkPassTimesParams(params: PassTimesParams): void {
  demand(isObject(params), "list of parameters");
  demand(isInteger(params.contextTokens, 16, MAX_CONTEXT_TOKENS), "contextTokens");
  demand(Array.isArray(params.tokens) && params.tokens.every((tokens) => isInteger(tokens, 1, 64)), "tokens");
  demand(isInteger(params.repeats, 1, 1000), "repeats");
}

/** @throws LacunaError `badRequest` naming the first field that is wrong */
export function checkReadAheadParams(params: ReadAheadParams): void {
  demand(isObject(params), "list of parameters");
  demand(typeof params.prefix === "string", "prefix");
  demand(typeof params.suffix === "string", "suffix");
  demand(params.document === undefined || typeof params.document === "string", "document");
  demand(params.languageId === undefined || typeof params.languageId === "string", "languageId");
  demand(params.fileName === undefined || typeof params.fileName === "string", "fileName");
  demand(params.related === undefined || (Array.isArray(params.related) && params.related.every(isRelatedText)), "related");
  demand(isInteger(params.requestId, 0, Number.MAX_SAFE_INTEGER), "requestId");
  demand(isInteger(params.maxTokens, 1, MAX_TOKENS), "maxTokens");
}

/** @throws LacunaError `badRequest` naming the first field that is wrong */
export function checkRetireParams(params: RetireParams): void {
  demand(isObject(params) && typeof params.evenIfBusy === "boolean", "evenIfBusy");
}

function checkHoleParams(params: HoleParams): void {
  checkReadAheadParams(params);
  demand(isInteger(params.seed, 0, 2 ** 32 - 1), "seed");
  demand(isNumber(params.temperature, 0, 5), "temperature");
  demand(isNumber(params.topP, 0, 1) && params.topP > 0, "topP");
  demand(params.maxLines === undefined || isInteger(params.maxLines, 1, Number.MAX_SAFE_INTEGER), "maxLines");
  demand(params.isUncut === undefined || typeof params.isUncut === "boolean", "isUncut");
}

function isRelatedText(each: Partial<RelatedText> | null): boolean {
  return isObject(each) && typeof each?.path === "string" && typeof each.text === "string";
}

function demand(condition: boolean, what: string): void {
  if (condition) return;
  throw new LacunaError("badRequest", `The engine was sent a request with a wrong ${what}.`, "Update Lacuna: its parts do not fit together.");
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return isNumber(value, min, max) && Number.isInteger(value);
}
