import { request } from 'node:http'

export type Answer = { readonly status: number; readonly body: string }

/** One GET on the loopback interface, with a host name of our choice; null when nothing answers. */
export function ask(port: number, path: string, host = `127.0.0.1:${port}`): Promise<Answer | null> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: { host }, timeout: 5000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(null))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(null))
    sent.end()
  })
}

/** A web address, with the port only where it is not the usual one. */
export const urlOf = (name: string, port: number) => `http://${name}${port === 80 ? '' : `:${port}`}`
