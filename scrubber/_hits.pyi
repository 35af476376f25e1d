import numpy as np

HIT_DTYPE: np.dtype[np.void]
ROW_DTYPE: np.dtype[np.void]
VALUE_DTYPE: np.dtype[np.void]
