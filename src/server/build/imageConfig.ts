import type { Engine } from '../../engine/engine.ts'
import type { DeclaredProcess, Definition } from '../../model/definition/declared.ts'
import type { ProcessType } from '../../model/release.ts'

/** What an image says of itself. */
export type ImageConfig = {
  readonly entrypoint: readonly string[]
  /** The one TCP port that it listens on. */
  readonly port?: number
}

export async function imageConfig(engine: Engine, image: string): Promise<ImageConfig> {
  const { Config } = await engine.api.json<{
    Config: { Entrypoint?: string[] | null; ExposedPorts?: Record<string, object> }
  }>({ path: `/images/${image}/json` })
  const ports = Object.keys(Config.ExposedPorts ?? {}).flatMap((port) =>
    port.endsWith('/tcp') ? [Number.parseInt(port, 10)] : [],
  )
  return { entrypoint: Config.Entrypoint ?? [], ...(ports.length === 1 && ports[0] && { port: ports[0] }) }
}

type Commands = { readonly processes: ProcessType[]; readonly releaseCommand?: readonly string[] }

/** Words that follow the image's own entry point are put behind it. */
export function commandsOf(
  { processes, releaseCommand, releaseArgs }: Definition,
  entrypoint: readonly string[],
): Commands {
  const release = releaseArgs ? [...entrypoint, ...releaseArgs] : releaseCommand
  return {
    processes: (processes ?? [{ name: 'web', command: [] }]).map((process) => withEntrypoint(process, entrypoint)),
    ...(release && { releaseCommand: release }),
  }
}

const withEntrypoint = ({ args, ...process }: DeclaredProcess, entrypoint: readonly string[]): ProcessType =>
  args ? { ...process, command: [...entrypoint, ...args] } : process
