import { mkdir, readFile } from 'node:fs/promises'
import { output } from '../lib/exec.ts'

const ROOT = '/sys/fs/cgroup'

/** Without an init system nobody may have mounted them, and dockerd needs them. */
export async function mountCgroups(): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  if (/^\S+ \/sys\/fs\/cgroup\S* cgroup2? /m.test(mounts)) return
  const controllers = controllersOfVersion1(await readFile('/proc/cgroups', 'utf8'))
  if (controllers.length === 0) return void (await output(['mount', '-t', 'cgroup2', 'cgroup2', ROOT]))
  await output(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'cgroup', ROOT])
  for (const controller of controllers) {
    await mkdir(`${ROOT}/${controller}`)
    await output(['mount', '-t', 'cgroup', '-o', controller, 'cgroup', `${ROOT}/${controller}`])
  }
}

/** Those that the kernel has bound to hierarchies of the first version; version 2 cannot have them then. */
export function controllersOfVersion1(cgroups: string): string[] {
  const rows = cgroups.split('\n').map((line) => line.split('\t'))
  return rows.flatMap(([name, hierarchy, , enabled]) =>
    name && Number(hierarchy) > 0 && enabled === '1' ? [name] : [],
  )
}
