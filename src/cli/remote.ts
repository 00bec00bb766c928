import { run } from '../lib/exec.ts'

export const remoteName = 'berth'

/** The app that a git remote's URL names: ssh://git@host:2222/app.git, git@host:app, http://host/git/app.git. */
export function appOfRemote(url: string): string | undefined {
  const path = url.includes('://') ? pathOf(url) : /^[^/:]+:(?<path>.+)$/.exec(url)?.groups?.path
  const name = path
    ?.replace(/\/+$/, '')
    .split('/')
    .at(-1)
    ?.replace(/\.git$/, '')
  return name && /^[a-z0-9-]+$/.test(name) ? name : undefined
}

const pathOf = (url: string) => (URL.canParse(url) ? new URL(url).pathname : undefined)

/** The URL of the remote `berth` of the work tree that this folder is in. */
export async function remoteUrl(folder: string): Promise<string | undefined> {
  const url = await git(folder, 'remote', 'get-url', remoteName)
  return url || undefined
}

export const isWorkTree = async (folder: string) => (await git(folder, 'rev-parse', '--is-inside-work-tree')) === 'true'

/** Whether the repository around this folder ignores it, as a folder of built files. */
export const isIgnored = async (folder: string) => (await git(folder, 'check-ignore', '-q', '.')) !== undefined

export const addRemote = async (folder: string, url: string) =>
  (await git(folder, 'remote', 'add', remoteName, url)) !== undefined

/** What git printed; undefined when it failed or is not there. */
async function git(folder: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { code, stdout } = await run(['git', '-C', folder, ...args])
    return code === 0 ? stdout.trim() : undefined
  } catch {
    return undefined
  }
}
