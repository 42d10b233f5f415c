import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** @returns {string} the folder, in the user's own cache, of what Holdfast fetches */
export function cacheFolder() {
  return join(userCache(), 'holdfast');
}

function userCache() {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (process.platform === 'win32' && local) return local;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  // The XDG specification has a relative path ignored.
  return xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
}
