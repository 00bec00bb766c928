import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { output } from '../../src/lib/exec.ts'
import { engineBuilds } from '../../src/server/build/engineBuilds.ts'
import type { BuildSettings } from '../../src/server/build/request.ts'
import { safeAddress } from '../../src/server/sources/addresses.ts'
import type { Machine } from './machine.ts'

/** One build on a machine of a test: what it is told, on one line. */
type Order = {
  readonly app: string
  readonly dockerfile: string
  readonly settings: Partial<BuildSettings>
}

export type Told = { readonly error: { code: string; message: string } | null; readonly log: readonly string[] }

/** Builds on the Engine of a machine, in its network and with its disks. */
export async function buildInside(machine: Machine, order: Order): Promise<Told> {
  const { code, stdout, stderr } = await machine.run(['node', import.meta.filename, JSON.stringify(order)])
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Told
}

async function build({ app, dockerfile, settings }: Order): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-inside-'))
  await writeFile(join(folder, 'Dockerfile'), dockerfile)
  const source = `${folder}.tar`
  await output(['tar', '-C', folder, '-cf', source, '.'])
  const cacheDir = join(folder, 'cache')
  await mkdir(cacheDir)
  const log: string[] = []
  const built = engineBuilds({
    dockerClient: '/usr/bin/docker',
    dockerSocket: '/var/run/docker.sock',
    stack: 'berth/stack:bookworm',
    cluster: 'inside',
    cacheDir,
    limits: { memoryMb: 1_024, cpu: 1, pids: 512, timeoutMs: 120_000 },
    checkHost: (host) => safeAddress(host, { has: () => false }),
    ...settings,
  }).build({
    app,
    team: 'test',
    id: 'b1',
    source,
    variables: {},
    log: (line) => log.push(line),
    signal: new AbortController().signal,
  })
  const error = await built.then(
    () => null,
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  )
  return { error, log }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await build(JSON.parse(process.argv[2] ?? ''))))
