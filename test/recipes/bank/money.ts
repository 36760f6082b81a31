export const toCents = (amount: number): number => Math.round(amount * 100);
