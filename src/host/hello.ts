import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect } from '../client/client.ts'
import { createApp, showApp } from '../contract/apps.ts'
import { output, start } from '../lib/exec.ts'
import { Refusal, refuse } from '../model/refusal.ts'
import type { Host } from './host.ts'
import { ask } from './http.ts'
import { adminOf, loopbackUrl } from './login.ts'
import { until } from './until.ts'

/** The app that the first run deploys. */
export const EXAMPLE = 'hello'

/** The first run ends with an app that answers, deployed as anybody would: by a git push. */
export async function deployExample(host: Host): Promise<void> {
  const done = join(host.config.dataDir, 'example-deployed')
  const example = join(host.root, 'examples', EXAMPLE)
  if (existsSync(done) || !existsSync(example)) return
  host.print.line(`  git push berth main   (the example app "${EXAMPLE}")`)
  const folder = await mkdtemp(join(tmpdir(), 'berth-example-'))
  try {
    await commit(example, folder)
    await push(host, folder, await repositoryUrl(host))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  await untilItAnswers(host)
  await writeFile(done, '')
}

/** Always the same commit, so that a repeated push finds nothing to do. */
async function commit(example: string, folder: string) {
  const when = '2026-01-01T00:00:00Z'
  const person = { NAME: 'Berth', EMAIL: 'berth@localhost', DATE: when }
  const entries = Object.entries(person).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ])
  const git = async (...args: string[]) =>
    await output(['git', ...args], { cwd: folder, env: { ...gitEnv(), ...Object.fromEntries(entries) } })
  await cp(example, folder, { recursive: true })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message=The example app')
}

/** The app's address for git, on the loopback interface: the domain may not be known to the resolver yet. */
async function repositoryUrl(host: Host): Promise<string> {
  const client = connect({ url: loopbackUrl(host), token: adminOf(host).token })
  const params = { app: EXAMPLE }
  const app = await client.call(showApp, { params }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'NOT_FOUND')
      return client.call(createApp, { body: { name: EXAMPLE } })
    throw error
  })
  return `http://berth@127.0.0.1:${host.config.api.port}${new URL(app.git.http).pathname}`
}

async function push(host: Host, folder: string, url: string) {
  const pushed = start(['git', 'push', '--force', url, 'main'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...gitEnv(), GIT_ASKPASS: join(host.root, 'libexec/askpass'), BERTH_ASKPASS: adminOf(host).token },
  })
  for (const stream of [pushed.stdout, pushed.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => host.print.line(`  ${line.trimEnd()}`))
  }
  const code = await new Promise<number>((resolve, reject) => {
    pushed.once('error', reject)
    pushed.once('close', (status) => resolve(status ?? 1))
  })
  if (code === 0) return
  refuse('UNAVAILABLE', `the example app "${EXAMPLE}"`, 'its push failed as shown above; everything else runs')
}

async function untilItAnswers({ config }: Host) {
  const name = `${EXAMPLE}.${config.domain}`
  if (await until(async () => (await ask(config.http.port, '/', name))?.status === 200, 15)) return
  refuse('UNAVAILABLE', `the example app "${EXAMPLE}"`, `it was deployed, but the router does not answer for ${name}`)
}

const gitEnv = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  no_proxy: '127.0.0.1',
})
