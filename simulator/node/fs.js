// Stands for `node:fs` in a browser. The virtual disk replaces its functions.

export default {
  constants: {
    O_RDONLY: 0,
    O_WRONLY: 1,
    O_RDWR: 2,
    O_CREAT: 0o100,
    O_EXCL: 0o200,
    O_TRUNC: 0o1000,
    O_APPEND: 0o2000,
    R_OK: 4,
    S_IFDIR: 0o040000,
    S_IFREG: 0o100000,
  },
  promises: {},
};
