/**
 * Positions beyond the context window that canvases and padding may use: the graph's rotary table covers them, and the
 * engine's cache has room for them.
 */
export const SPARE_POSITIONS = 512;
