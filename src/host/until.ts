import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until the answer is yes; false when the time is over. */
export async function until(condition: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) return false
    await sleep(50)
  }
  return true
}
