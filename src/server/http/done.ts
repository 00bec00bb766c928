export const done = { done: true } as const
