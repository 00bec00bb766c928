import { join } from 'node:path'
import { refuse } from '../model/refusal.ts'
import { stackOf } from '../stack/images.ts'
import { type KnownStacks, knownStack, stacksIn } from '../stack/known.ts'
import { makeStack } from '../stack/make.ts'
import type { Host } from './host.ts'

/** The image that builds start from unless an app says another one. What is there stays: the server looks after its age. */
export async function ensureStack(host: Host): Promise<string> {
  const { config, engine, env } = host
  if (await engine.images.exists(config.stack)) return `${config.stack}, there`
  await makeStack(defaultStack(config.stack, stacksIn(config.builds.stacks)), {
    engine,
    docker: config.docker,
    cluster: config.cluster,
    scratch: join(config.builds.cache, 'stack', String(process.pid)),
    env,
    memoryMb: config.builds.limits.memoryMb,
    pids: config.builds.limits.pids,
    say: () => undefined,
    signal: new AbortController().signal,
    background: false,
  })
  return config.stack
}

function defaultStack(image: string, known: KnownStacks) {
  const name = stackOf(image)
  if (name) return knownStack(name, known, 'stack')
  return refuse('UNAVAILABLE', `the base image ${image}`, 'it is not on this machine, and no file says how it is made')
}
