import type { Api } from './api.ts'
import { FrameReader } from './frames.ts'

/** A container that waits for commands and becomes an image. */
export type Workplace = {
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  /** Folders of the machine by their place in it, to be read only. */
  readonly mounts: Readonly<Record<string, string>>
  readonly memoryMb: number
  readonly pids: number
  /** What others want comes first. */
  readonly background: boolean
}

export type Given = { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }

const commitMs = 10 * 60 * 1000

/** Making an image by commands in a container. */
export const workplaces = (api: Api) => ({
  /** Gives its id; it runs until it is removed. */
  async begin(place: Workplace): Promise<string> {
    const { Id } = await api.json<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      query: { name: place.name },
      body: bodyOf(place),
    })
    await api.json<void>({ method: 'POST', path: `/containers/${Id}/start` })
    return Id
  },

  /** As root; gives the exit code. At the signal it throws, and what was run goes with the container. */
  async run(id: string, given: Given, line: (text: string) => void, signal: AbortSignal): Promise<number> {
    const { Id } = await api.json<{ Id: string }>({
      method: 'POST',
      path: `/containers/${id}/exec`,
      body: { AttachStdout: true, AttachStderr: true, User: '0:0', Cmd: given.command, Env: pairs(given.env) },
    })
    const body = { Detach: false, Tty: false }
    const stream = await api.stream({ method: 'POST', path: `/exec/${Id}/start`, body, signal })
    const frames = new FrameReader()
    const lines = byLines(line)
    for await (const chunk of stream) for (const { data } of frames.push(chunk as Buffer)) lines.push(data)
    lines.end()
    signal.throwIfAborted()
    return (await api.json<{ ExitCode: number | null }>({ path: `/exec/${Id}/json` })).ExitCode ?? 137
  },

  /** With the command and the user that `like` has. Gives the id of an image without a name. */
  async commit(id: string, like: string): Promise<string> {
    const { Config } = await api.json<Inspected>({ path: `/images/${encodeURIComponent(like)}/json` })
    const query = new URLSearchParams({ container: id })
    // An empty list would leave the command that the container waits with.
    const command = Config.Cmd?.length || Config.Entrypoint?.length ? (Config.Cmd ?? []) : ['/bin/sh']
    query.append('changes', `ENTRYPOINT ${JSON.stringify(Config.Entrypoint ?? [])}`)
    query.append('changes', `CMD ${JSON.stringify(command)}`)
    if (Config.User) query.append('changes', `USER ${Config.User}`)
    const made = await api.json<{ Id: string }>({ method: 'POST', path: `/commit?${query}`, withinMs: commitMs })
    return made.Id
  },
})

type Inspected = {
  readonly Config: {
    readonly User?: string
    readonly Cmd?: readonly string[] | null
    readonly Entrypoint?: readonly string[] | null
  }
}

const bodyOf = ({ image, labels, mounts, memoryMb, pids, background }: Workplace) => ({
  Image: image,
  Entrypoint: [],
  Cmd: ['/bin/sh', '-c', 'while sleep 3600; do :; done'],
  Labels: labels,
  User: '0:0',
  StopTimeout: 1,
  HostConfig: {
    Binds: Object.entries(mounts).map(([inside, folder]) => `${folder}:${inside}:ro`),
    Memory: memoryMb * 1024 * 1024,
    PidsLimit: pids,
    CpuShares: background ? 64 : 512,
    Init: true,
    LogConfig: { Type: 'none', Config: {} },
  },
})

const pairs = (env: Readonly<Record<string, string>>) => Object.entries(env).map(([name, value]) => `${name}=${value}`)

const longestLine = 2_000

function byLines(line: (text: string) => void) {
  let rest = ''
  const say = (text: string) =>
    line(
      text
        .replace(/^.*\r(?=.)/, '')
        .trimEnd()
        .slice(0, longestLine),
    )
  return {
    push(data: Buffer) {
      const [last = '', ...whole] = (rest + data.toString('utf8')).split('\n').reverse()
      for (const text of whole.reverse()) say(text)
      rest = last.slice(-longestLine)
    },
    end: () => (rest === '' ? undefined : say(rest)),
  }
}
