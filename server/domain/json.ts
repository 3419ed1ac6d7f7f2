/** What can be stored. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Optional fields are absent when stored, never `undefined`: the two are the same JSON. */
export const storable = (value: object): JsonObject => value as JsonObject;
