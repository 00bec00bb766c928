import { start } from '../lib/exec.ts'

/** Opens a page where this machine has a browser to show it. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv) {
  const opener = openerOf(env)
  if (!opener || !/^https?:/.test(url)) return
  const child = start([opener, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

function openerOf(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform === 'darwin') return 'open'
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined
}
