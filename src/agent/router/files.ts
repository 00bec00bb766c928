import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { run } from '../../lib/exec.ts'
import { mutex } from '../../lib/mutex.ts'
import { emptyLayout } from './arrange.ts'
import { mapPath, renderConfig, renderMap, withHeadOf } from './render.ts'
import type { Layout, RouterSettings } from './routes.ts'

const checkLimitMs = 30_000

/** Makes sure that HAProxy can be started: writes the file if there is none, and brings its head up to date. */
export async function prepareConfig(settings: RouterSettings): Promise<void> {
  const found = await readFile(settings.config, 'utf8').catch(() => undefined)
  if (found === undefined) return configWriter(settings)(emptyLayout(settings))
  const current = withHeadOf(settings, found)
  if (current !== found) await publishConfig(settings, current)
}

/** Writes both maps and the configuration, so that a restart of HAProxy comes back as it is now; only what changed. */
export function configWriter(settings: RouterSettings) {
  const lock = mutex()
  let written = ''
  return (layout: Layout): Promise<void> =>
    lock(async () => {
      const texts = [renderMap(layout.hosts), renderMap(layout.wildcards), renderConfig(settings, layout)] as const
      if (texts.join() === written) return
      await writeConfig(settings, texts)
      written = texts.join()
    })
}

async function writeConfig(settings: RouterSettings, [hosts, wildcards, config]: readonly [string, string, string]) {
  await mkdir(dirname(settings.config), { recursive: true })
  await publish(mapPath(settings, 'hosts'), hosts)
  await publish(mapPath(settings, 'wildcards'), wildcards)
  await publishConfig(settings, config)
}

/** HAProxy's own check comes first: a file that it would not start with never takes the place of one it would. */
async function publishConfig(settings: RouterSettings, text: string): Promise<void> {
  const candidate = `${settings.config}.next`
  await writeFile(candidate, text)
  const { code, stdout, stderr } = await run(['/usr/sbin/haproxy', '-c', '-q', '-f', candidate], {
    timeoutMs: checkLimitMs,
  })
  if (code !== 0) throw new Error(`HAProxy refused ${candidate}: ${(stderr || stdout).trim()}`)
  await rename(candidate, settings.config)
}

async function publish(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text)
  await rename(`${path}.next`, path)
}
