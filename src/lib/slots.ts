export type Slots = {
  /** Undefined when no place is left, or `who` has as many as one may have. */
  take(who: string): Disposable | undefined
}

/** So many at once in all, and so many for one who asks: nobody keeps all the others out. */
export function slots({ most, each }: { readonly most: number; readonly each: number }): Slots {
  const taken = new Map<string, number>()
  let all = 0
  const add = (who: string, change: 1 | -1) => {
    all += change
    const own = (taken.get(who) ?? 0) + change
    if (own === 0) taken.delete(who)
    else taken.set(who, own)
  }
  return {
    take(who) {
      if (all >= most || (taken.get(who) ?? 0) >= each) return undefined
      add(who, 1)
      return { [Symbol.dispose]: () => add(who, -1) }
    },
  }
}
