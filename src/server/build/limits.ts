import { type FSWatcher, watch } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openEngine } from '../../engine/engine.ts'
import { run } from '../../lib/exec.ts'
import { log } from '../../lib/log.ts'
import { diskOf } from './device.ts'
import { engineRoot } from './disk.ts'
import type { BuildLimits, BuildSettings } from './request.ts'

/** Files of one control group and what is written into them, in this order. */
type Controls = readonly (readonly [file: string, value: string])[]

/** Of one step, or of all together. */
type Limits = BuildLimits & {
  /** The disk of the Engine, as `major:minor`, where it has one. */
  readonly disk: string | undefined
}

/** One hierarchy in which the Engine runs build steps, each in a child of its own. */
type Hierarchy = {
  readonly folder: string
  readonly controls: (limits: Limits) => Controls
  /** Of all together, beside what `controls` says. */
  readonly also?: Controls
}

const root = '/sys/fs/cgroup'
const group = 'docker/buildkit'
const periodUs = 100_000
/** All steps together may take what this many at their limit would. */
const together = 2

const memoryV1 = ({ memoryMb }: BuildLimits): Controls => {
  const bytes = String(megabytes(memoryMb))
  // Lowering wants the first order, raising the second; the write that does not fit fails and does no harm.
  return [
    ['memory.limit_in_bytes', bytes],
    ['memory.memsw.limit_in_bytes', bytes],
    ['memory.limit_in_bytes', bytes],
  ]
}

const megabytes = (count: number) => count * 1_048_576

/** Reads, and writes that a step waits for: what the kernel writes later by itself is nobody's in version 1. */
function ioV1({ ioMb = 0, disk }: Limits): Controls {
  if (!disk || ioMb === 0) return []
  const limit = `${disk} ${megabytes(ioMb)}`
  return [
    ['blkio.throttle.read_bps_device', limit],
    ['blkio.throttle.write_bps_device', limit],
  ]
}

const ioV2 = ({ ioMb = 0, disk }: Limits): Controls =>
  disk && ioMb > 0 ? [['io.max', `${disk} rbps=${megabytes(ioMb)} wbps=${megabytes(ioMb)}`]] : []

const version1: readonly Hierarchy[] = [
  { folder: `${root}/memory/${group}`, controls: memoryV1 },
  {
    folder: `${root}/cpu/${group}`,
    controls: ({ cpu }) => [['cpu.cfs_quota_us', String(Math.round(cpu * periodUs))]],
    also: [['cpu.shares', '512']],
  },
  { folder: `${root}/pids/${group}`, controls: ({ pids }) => [['pids.max', String(pids)]] },
  { folder: `${root}/blkio/${group}`, controls: ioV1 },
]

const controlsV2 = (limits: Limits): Controls => [
  ['memory.max', String(megabytes(limits.memoryMb))],
  ['memory.swap.max', '0'],
  ['cpu.max', `${Math.round(limits.cpu * periodUs)} ${periodUs}`],
  ['pids.max', String(limits.pids)],
  ...ioV2(limits),
]

const version2: readonly Hierarchy[] = [
  {
    folder: `${root}/${group}`,
    controls: controlsV2,
    also: [['cpu.weight', '50']],
  },
]

/**
 * Keeps build steps within their limits while `work` runs. The Engine's BuildKit takes no limits itself, but runs every
 * step in a control group of its own, which gets them as soon as it appears.
 */
export async function withBuildLimits<T>(
  settings: Pick<BuildSettings, 'limits' | 'dockerSocket' | 'engineRoot'>,
  work: () => Promise<T>,
): Promise<T> {
  const watchers = await watchSteps(settings).catch((error: unknown) => {
    log.warn({ error }, 'builds run without limits: their control groups cannot be set up')
    return []
  })
  for (const watcher of watchers) watcher.on('error', noteUnwatched)
  try {
    return await work()
  } finally {
    for (const watcher of watchers) watcher.close()
  }
}

const noteUnwatched = (error: Error) =>
  log.warn({ error }, 'the control groups of build steps are no longer watched: further steps run without limits')

async function watchSteps(settings: Parameters<typeof withBuildLimits>[0]): Promise<readonly FSWatcher[]> {
  const { dockerSocket } = settings
  const limits = { ...settings.limits, disk: await diskOf(await engineRoot(settings)).catch(() => undefined) }
  const isVersion2 = await exists(`${root}/cgroup.controllers`)
  const { CgroupDriver } = await openEngine(dockerSocket).api.json<{ CgroupDriver: string }>({ path: '/info' })
  // Their groups are systemd's there: beside those of the containers, and only it may change them.
  if (CgroupDriver === 'systemd') return [watchUnits(isVersion2 ? root : `${root}/systemd`, limits)]
  const hierarchies = isVersion2 ? version2 : version1
  if (isVersion2) await handDown()
  await limitTogether(hierarchies, limits)
  return hierarchies.map((hierarchy) => watchChildren(hierarchy, limits))
}

/** In version 2, a group has the controllers that the one above hands down. */
async function handDown() {
  for (const folder of [root, `${root}/docker`, `${root}/${group}`]) {
    await mkdir(folder, { recursive: true })
    await apply(folder, [
      ['cgroup.subtree_control', '+cpu +memory +pids'],
      ['cgroup.subtree_control', '+io'],
    ])
  }
}

async function limitTogether(hierarchies: readonly Hierarchy[], limits: Limits) {
  const all = {
    ...limits,
    memoryMb: limits.memoryMb * together,
    cpu: limits.cpu * together,
    pids: limits.pids * together,
    ioMb: (limits.ioMb ?? 0) * together,
  }
  for (const { folder, controls, also = [] } of hierarchies) await limitAll(folder, [...controls(all), ...also])
}

/** A build step's unit; the name of a container's is longer. Older Engines take what should name it for a folder. */
const stepUnit = /^docker-[0-9a-z]{25}\.scope$/
const stepFolder = /^system\.slice:docker:[0-9a-z]{25}$/

function watchUnits(units: string, limits: Limits): FSWatcher {
  const slice = `${units}/system.slice`
  return watch(slice, async (_, name) => {
    if (!name || !(await exists(join(slice, name)))) return
    if (stepUnit.test(name)) await limitUnit(name, limits)
    if (stepFolder.test(name)) await apply(join(slice, name), [...controlsV2(limits), ['cpu.weight', '50']])
  })
}

const limitUnit = (unit: string, { memoryMb, cpu, pids, ioMb = 0, disk }: Limits) =>
  run([
    'systemctl',
    'set-property',
    '--runtime',
    unit,
    `MemoryMax=${memoryMb}M`,
    'MemorySwapMax=0',
    `CPUQuota=${Math.round(cpu * 100)}%`,
    'CPUWeight=50',
    `TasksMax=${pids}`,
    ...(disk && ioMb > 0 ? ['Read', 'Write'].map((way) => `IO${way}BandwidthMax=/dev/block/${disk} ${ioMb}M`) : []),
  ])

async function limitAll(folder: string, controls: Controls): Promise<void> {
  await mkdir(folder, { recursive: true })
  await apply(folder, controls)
}

/** Limits each step as it appears, before it has done anything: the group is made first. */
function watchChildren({ folder, controls }: Hierarchy, limits: Limits): FSWatcher {
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
