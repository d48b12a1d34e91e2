// Holds OpenBLAS to the thread that calls it.
import COpenBLAS

/// What must hold before OpenBLAS or its LAPACK is called.
package enum BLAS {
  /// Holds it to one thread, once: the threads are ours, and so results do not depend on their number.
  package static let useOneThread: Void = openblas_set_num_threads(1)
}
