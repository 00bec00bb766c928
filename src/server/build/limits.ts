import { type FSWatcher, watch } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { log } from '../../lib/log.ts'
import type { BuildLimits } from './request.ts'

/** Files of one control group and what is written into them, in this order. */
type Controls = readonly (readonly [file: string, value: string])[]

/** One hierarchy in which the Engine runs build steps, each in a child of its own. */
type Hierarchy = { readonly folder: string; readonly controls: (limits: BuildLimits) => Controls }

const root = '/sys/fs/cgroup'
const group = 'docker/buildkit'
const periodUs = 100_000
/** All steps together may take what this many at their limit would. */
const together = 2

const memoryV1 = ({ memoryMb }: BuildLimits): Controls => {
  const bytes = String(memoryMb * 1_048_576)
  // Lowering wants the first order, raising the second; the write that does not fit fails and does no harm.
  return [
    ['memory.limit_in_bytes', bytes],
    ['memory.memsw.limit_in_bytes', bytes],
    ['memory.limit_in_bytes', bytes],
  ]
}

const version1: readonly Hierarchy[] = [
  { folder: `${root}/memory/${group}`, controls: memoryV1 },
  { folder: `${root}/cpu/${group}`, controls: ({ cpu }) => [['cpu.cfs_quota_us', String(Math.round(cpu * periodUs))]] },
  { folder: `${root}/pids/${group}`, controls: ({ pids }) => [['pids.max', String(pids)]] },
]

const version2: readonly Hierarchy[] = [
  {
    folder: `${root}/${group}`,
    controls: ({ memoryMb, cpu, pids }) => [
      ['memory.max', String(memoryMb * 1_048_576)],
      ['memory.swap.max', '0'],
      ['cpu.max', `${Math.round(cpu * periodUs)} ${periodUs}`],
      ['pids.max', String(pids)],
    ],
  },
]

/**
 * Keeps build steps within their limits while `work` runs. The Engine's BuildKit takes no limits itself, but runs every
 * step in a child of one control group: all together are limited there, and each as soon as it appears.
 */
export async function withBuildLimits<T>(limits: BuildLimits, work: () => Promise<T>): Promise<T> {
  const hierarchies = await prepared(limits)
  const watchers = hierarchies.map((hierarchy) => watchChildren(hierarchy, limits))
  try {
    return await work()
  } finally {
    for (const watcher of watchers) watcher.close()
  }
}

async function prepared(limits: BuildLimits): Promise<readonly Hierarchy[]> {
  const hierarchies = (await exists(`${root}/cgroup.controllers`)) ? version2 : version1
  const all = {
    ...limits,
    memoryMb: limits.memoryMb * together,
    cpu: limits.cpu * together,
    pids: limits.pids * together,
  }
  try {
    for (const { folder, controls } of hierarchies) await limitAll(folder, controls(all))
    return hierarchies
  } catch (error) {
    log.warn({ error }, 'builds run without limits: their control group cannot be set up')
    return []
  }
}

async function limitAll(folder: string, controls: Controls): Promise<void> {
  await mkdir(folder, { recursive: true })
  await apply(folder, controls)
}

/** Limits each step as it appears, before it has done anything: the group is made first. */
function watchChildren({ folder, controls }: Hierarchy, limits: BuildLimits): FSWatcher {
  const limit = (child: string) => void apply(join(folder, child), controls(limits))
  return watch(folder, (_, child) => {
    if (child) limit(child)
  })
}

const apply = (folder: string, controls: Controls) =>
  controls.reduce<Promise<void>>(
    (before, [file, value]) => before.then(() => writeFile(join(folder, file), value)).catch(() => undefined),
    Promise.resolve(),
  )

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
