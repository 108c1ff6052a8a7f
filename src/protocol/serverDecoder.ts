/** The decoder that a result names when a team's server wrote it. */
export const SERVER_DECODER = "server";
