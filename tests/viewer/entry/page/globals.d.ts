// What entry-page.js gives to the functions that tests run in it.

declare var entryPage: any;
