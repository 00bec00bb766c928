import { refuse } from '../../model/refusal.ts'

export type Slots = { take(): Disposable }

/** So many git processes at once; one more is refused rather than kept waiting. */
export function slots(most: number): Slots {
  let taken = 0
  return {
    take() {
      if (taken >= most) refuse('UNAVAILABLE', 'git', 'too many pushes and fetches run at once; try again in a moment')
      taken += 1
      return {
        [Symbol.dispose]: () => {
          taken -= 1
        },
      }
    },
  }
}
