import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from '../../src/lib/exec.ts'

/** Resolves when it takes connections. */
export async function startSshd(config: string, port: number): Promise<ChildProcess> {
  const child = start(['/usr/sbin/sshd', '-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (text: Buffer) => {
    said += text
  })
  for (let tries = 0; tries < 100; tries += 1) {
    if (await answers(port)) return child
    await sleep(20)
  }
  throw new Error(`sshd does not answer: ${said}`)
}

/** Whether something takes connections on a port of this machine. */
export async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
