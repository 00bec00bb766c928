import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HostSettings, hostFolder, hostSettings } from '../lib/hostSettings.ts'
import { labels } from '../model/instance.ts'
import { refuse } from '../model/refusal.ts'
import type { Making } from './making.ts'
import type { Stack, StackCommand } from './schema.ts'

/** An image on which packages and commands of a stack were done, with our label. Gives its id. */
export async function changed(
  image: string,
  stack: Stack,
  packages: readonly string[],
  making: Making,
): Promise<string> {
  const { engine, signal } = making
  const host = await hostSettings(making.env)
  await writeSettings(host, making)
  const container = await begin(image, stack.name, making)
  try {
    for (const step of stepsOf(stack, packages)) {
      if (signal.aborted) refuse('CANCELLED', 'the end of the server')
      await perform(container, step, { ...host.proxies, ...host.variables, ...stack.env }, making)
    }
    return await engine.work.commit(container, image)
  } finally {
    await engine.containers.remove(container)
  }
}

type Step = StackCommand & { readonly args?: readonly string[] }

const packageSeconds = 1_800

function stepsOf({ without, install, uninstall, commands }: Stack, packages: readonly string[]): Step[] {
  const some = (title: string, run: string, args: readonly string[]): Step[] =>
    args.length > 0 ? [{ title: `${title} ${args.join(' ')}`, run, seconds: packageSeconds, args }] : []
  return [...some('Installing', install, packages), ...some('Removing', uninstall, without), ...commands]
}

async function writeSettings({ files }: HostSettings, { scratch }: Making) {
  for (const { name, content } of files) await writeFile(join(scratch, name), content, { mode: 0o444 })
}

/** One of the same name was left by a process that died. What it is labelled with, the image will be too. */
async function begin(image: string, stack: string, making: Making): Promise<string> {
  const { engine, cluster, scratch, memoryMb, pids, background } = making
  const name = `${cluster}-stack-${stack}`
  await engine.containers.remove(name)
  const own = { [labels.owned]: 'true' }
  return await engine.work.begin({
    name,
    image,
    labels: own,
    mounts: { [hostFolder]: scratch },
    memoryMb,
    pids,
    background,
  })
}

async function perform(container: string, step: Step, env: Readonly<Record<string, string>>, making: Making) {
  const { engine, say, signal } = making
  say(`-----> ${step.title}`)
  const late = AbortSignal.timeout(step.seconds * 1_000)
  const given = {
    command: ['/bin/sh', '-c', step.run, 'stack', ...(step.args ?? [])],
    env: { DEBIAN_FRONTEND: 'noninteractive', ...env },
  }
  const code = await engine.work
    .run(container, given, (line) => say(`       ${line}`), AbortSignal.any([signal, late]))
    .catch((error: unknown) => {
      if (signal.aborted) return refuse('CANCELLED', 'the end of the server')
      if (late.aborted) return refuse('STEP_TIMEOUT', step.title, step.seconds)
      throw error
    })
  if (code !== 0) refuse('BUILD_FAILED', step.title, `exit code ${code}`)
}
