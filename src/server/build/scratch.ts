import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostSettings } from '../../lib/hostSettings.ts'
import type { BuildSettings } from './request.ts'

/** Files for `--secret`, by their names: the host's settings, and the build-time variables as a shell reads them. */
export async function writeSecrets(
  scratch: string,
  host: HostSettings,
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
  const files = [
    ...host.files.map(({ id, content }) => [id, content] as const),
    ...Object.entries(env),
    ...(exports.length > 0 ? [['berth-env', exports.join('')] as const] : []),
  ]
  const paths = files.map(([id, content], index) => ({ id, content, path: join(scratch, `secret-${index}`) }))
  await Promise.all(paths.map(({ path, content }) => writeFile(path, content, { mode: 0o600 })))
  return Object.fromEntries(paths.map(({ id, path }) => [id, path]))
}

/** Keeps the marks of this installation's variables apart from anybody's guesses. */
export async function markKey(cacheDir: string): Promise<string> {
  const file = join(cacheDir, 'mark.key')
  return readFile(file, 'utf8').catch(async () => {
    const key = randomBytes(32).toString('hex')
    await writeFile(file, key, { mode: 0o600 })
    return key
  })
}

const staleMs = 86_400_000

/** Gives `work` a folder of its own for its time. */
export async function withScratch<T>(
  id: string,
  { cacheDir }: BuildSettings,
  work: (scratch: string) => Promise<T>,
): Promise<T> {
  const folder = join(cacheDir, 'tmp')
  const scratch = join(folder, `${id}-${randomBytes(4).toString('hex')}`)
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  try {
    await sweep(folder)
    return await work(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Removes what builds left that were killed with the server. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const age = await stat(path).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    )
    if (age > staleMs) await rm(path, { recursive: true, force: true })
  }
}
