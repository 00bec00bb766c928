import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Finished, output, run } from '../../src/lib/exec.ts'

export type Files = Readonly<Record<string, string | Buffer>>

/** Nothing of the person who runs the tests gets in. */
const gitEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_TERMINAL_PROMPT: '0',
  // Tidying goes on after a command has ended, and the folder is to be removed.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'gc.auto',
  GIT_CONFIG_VALUE_0: '0',
}

/** A working copy of a test: a real git repository in a temporary folder. */
export async function newRepository(files: Files = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-repo-'))
  const git = (...args: string[]) => output(['git', '-C', dir, ...args], { env: gitEnv })
  await git('init', '--quiet', '--initial-branch=main')
  const repository = {
    dir,
    git,
    async commit(changed: Files, message = 'Change'): Promise<string> {
      for (const [path, content] of Object.entries(changed)) {
        await mkdir(dirname(join(dir, path)), { recursive: true })
        await writeFile(join(dir, path), content)
      }
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message', message)
      return (await git('rev-parse', 'HEAD')).trim()
    },
    /** Never throws: a refused push is a result. */
    push: (env: NodeJS.ProcessEnv, url: string, ...refs: string[]): Promise<Finished> =>
      run(['git', '-C', dir, 'push', url, ...(refs.length > 0 ? refs : ['main'])], {
        env: { ...gitEnv, ...env },
        timeoutMs: 300_000,
      }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
  await repository.commit(files, 'First')
  return repository
}
