/** The byte that ends a line. */
export const LINE_END = 0x0a;
