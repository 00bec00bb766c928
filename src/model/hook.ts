/** Who calls when somebody pushed. */
export const hookProviders = ['github', 'gitlab', 'gitea', 'bitbucket'] as const
export type HookProvider = (typeof hookProviders)[number]

export const deliveryOutcomes = ['deployed', 'checked', 'removed', 'waits', 'ignored', 'answered', 'refused'] as const
export type DeliveryOutcome = (typeof deliveryOutcomes)[number]
