import { Agent, request } from 'node:http'

export type Answer = { readonly status: number; readonly body: string; readonly error: string }

type Call = {
  readonly port: number
  readonly host: string
  readonly path?: string
  readonly agent?: Agent
  readonly headers?: Record<string, string>
}

/** One GET through the router; never throws. */
export function get({ port, host, path = '/', agent, headers }: Call): Promise<Answer> {
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port, path, agent: agent ?? false, headers: { ...headers, host } },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => (body += text))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, error: '' }))
        response.on('error', (error) => resolve({ status: 0, body, error: error.message }))
      },
    )
    sent.on('error', (error) => resolve({ status: 0, body: '', error: error.message }))
    sent.end()
  })
}

export type Load = { stop(): Promise<{ readonly total: number; readonly failed: readonly Answer[] }> }

/** Requests without a pause: some clients on kept connections, some with a new one for each request. */
export function load(target: { port: number; host: string }, clients = 4): Load {
  const failed: Answer[] = []
  let total = 0
  let running = true
  const client = async (agent: Agent | undefined) => {
    while (running) {
      const answer = await get({ ...target, ...(agent && { agent }) })
      total++
      if (answer.status !== 200) failed.push(answer)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    agent?.destroy()
  }
  const all = Array.from({ length: clients }, (_, n) =>
    client(n % 2 ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined),
  )
  return {
    async stop() {
      running = false
      await Promise.all(all)
      return { total, failed }
    },
  }
}

export type Measured = {
  readonly total: number
  readonly failed: readonly Answer[]
  /** Milliseconds that so much of the answers took at most. */
  readonly p50: number
  readonly p99: number
}

/** One request after another from each client, with short pauses, until the signal. */
export async function measure(
  target: { port: number; host: string },
  signal: AbortSignal,
  clients = 2,
): Promise<Measured> {
  const failed: Answer[] = []
  const took: number[] = []
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!signal.aborted) {
      const began = performance.now()
      const answer = await get({ ...target, agent })
      took.push(performance.now() - began)
      if (answer.status !== 200) failed.push(answer)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    agent.destroy()
  }
  await Promise.all(Array.from({ length: clients }, client))
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  return { total: took.length, failed, p50: at(0.5), p99: at(0.99) }
}
