/** A sleep that can be ended early. */
export class Alarm {
  #isRung = false;
  #wake = () => {};

  /** Ends the current sleep, or else the next one. */
  ring() {
    this.#isRung = true;
    this.#wake();
  }

  /**
   * @param {number} time in milliseconds
   * @returns {Promise<boolean>} whether a ring ended the sleep
   */
  async sleep(time) {
    let timer;
    if (!this.#isRung) {
      await new Promise((wake) => {
        timer = setTimeout(wake, time);
        this.#wake = () => wake(undefined);
      });
    }
    clearTimeout(timer);
    const isRung = this.#isRung;
    this.#isRung = false;
    return isRung;
  }
}
