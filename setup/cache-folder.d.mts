/** The folder, in the user's own cache, of what Holdfast fetches. It may not exist yet. */
export function cacheFolder(): string;
