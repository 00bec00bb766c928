import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { start } from '../../src/lib/exec.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export type Said = { readonly code: number; readonly stdout: string; readonly stderr: string }
type How = {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Called with what was written so far, each time more is. */
  readonly watch?: (stdout: string, interrupt: () => void) => void
}

/** The real command line as a child process, with a home of its own. */
export async function cliFor(env: NodeJS.ProcessEnv) {
  const home = await mkdtemp(join(tmpdir(), 'berth-cli-'))
  const own = { PATH: process.env.PATH, HOME: home, BERTH_CONFIG: '/dev/null', BERTH_DATA_DIR: home, ...env }
  const berth = async (args: readonly string[], { input, env = {}, cwd = home, watch }: How = {}): Promise<Said> => {
    const child = start([process.execPath, main, ...args], { cwd, env: { ...own, ...env }, stdio: 'pipe' })
    const { stdin, stdout, stderr } = child
    if (!stdin || !stdout || !stderr) throw new Error('no pipes')
    let seen = ''
    stdout.on('data', (chunk) => {
      seen += chunk
      watch?.(seen, () => child.kill('SIGINT'))
    })
    stdin.end(input)
    const [[code], out, err] = await Promise.all([once(child, 'close'), text(stdout), text(stderr)])
    return { code: typeof code === 'number' ? code : -1, stdout: out, stderr: err }
  }
  return { home, berth, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) }
}
